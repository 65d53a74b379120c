/* peer_response.h: what the scripted peer answers, and how it misbehaves while it does. Test
 * code: running out of memory ends the process. */
#ifndef PEER_PEER_RESPONSE_H
#define PEER_PEER_RESPONSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum peer_framing {
    PEER_LENGTH,  /* Content-Length, true */
    PEER_CLAIM,   /* Content-Length says `claim`; if that is not true the connection ends after
                     the body */
    PEER_CHUNKED, /* Transfer-Encoding: chunked, in chunks of `chunk` bytes (0: 16 KiB) */
    PEER_CLOSE,   /* no length: ends with FIN */
    PEER_BARE, /* nothing is added: the headers of the response are all there is; the connection
                  stays */
};

/* How an answer ends. All but the first take effect after `after` bytes: of the body, or of the
 * head with `in_head`. */
enum peer_end {
    PEER_END_WELL,
    PEER_END_STALL,     /* nothing more until peer_release */
    PEER_END_CUT,       /* FIN */
    PEER_END_RESET,     /* RST, once what was sent has been acknowledged */
    PEER_END_BAD_CHUNK, /* (PEER_CHUNKED) nonsense where a chunk's length should be, then FIN */
};

/* All zero: no fault. Faults combine. {.end = PEER_END_CUT, .in_head = true} closes without a
 * response. */
struct peer_fault {
    enum peer_end end;
    bool in_head;
    uint64_t after;
    unsigned delay_ms;      /* before the head */
    unsigned body_delay_ms; /* between head and body */
    size_t
        piece; /* the body is sent in pieces of so many bytes, each a segment of its own... */
    unsigned piece_delay_ms;      /* ...so far apart */
    size_t head_piece;            /* the head in such pieces, each... */
    unsigned head_piece_delay_ms; /* ...so long after the one before */
    size_t excess;                /* bytes 'x' after the end of the body */
    bool shorten; /* the body has `shorten_to` bytes at most, and the framing says so too */
    uint64_t shorten_to;
    bool corrupt; /* the lowest bit of the body's byte at `corrupt_at` is inverted */
    uint64_t corrupt_at;
    int interim; /* a status such as 100 or 103 that is sent first, `interim_count` times (0:
                    once) */
    unsigned interim_count;      /* */
    const char *instead_of_head; /* these bytes where the head should be */
    size_t huge_header;          /* adds a header with a value of so many bytes */
    bool close;                  /* FIN after a complete answer that did not announce it */
};

struct peer_response {
    int status;          /* 0: 200 */
    const char *reason;  /* NULL: the usual one */
    const char *headers; /* "Name: value" lines, separated by '\n'. NULL: none */
    const void *body;    /* NULL: generated, peer_byte(seed, body_offset + i) */
    uint64_t body_len;   /* 0 with a body: its strlen */
    uint64_t seed, body_offset;
    enum peer_framing framing;
    uint64_t claim;
    size_t chunk;
    struct peer_fault fault;
    /* Laid over: the answer is that of the next rule or the handler, changed by the fields set
     * here: status, reason, body, framing and fault replace; a header replaces those of its
     * name, and a line "!Name" removes them. */
    bool over;
    struct peer_blob *blob_; /* private: memory behind `body` */
    char *headers_;          /* private: memory behind `headers` */
};

#define PEER_RESPONSE(...) (&(const struct peer_response){__VA_ARGS__})

/* For handlers: add "Name: value" lines (printf form). */
void peer_response_headers(struct peer_response *response, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* For handlers: set the body to a copy of `len` bytes, or to formatted text. */
void peer_response_body(struct peer_response *response, const void *data, size_t len);
void peer_response_bodyf(struct peer_response *response, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The generated content: byte `offset` of the stream `seed`. */
unsigned char peer_byte(uint64_t seed, uint64_t offset);
void peer_fill(uint64_t seed, uint64_t offset, void *buffer, size_t len);

/* Whether `buffer` holds bytes offset... of the stream; if not, *ret_at (if not NULL) is the
 * first index that differs. */
bool peer_check(uint64_t seed, uint64_t offset, const void *buffer, size_t len, size_t *ret_at);

#endif
