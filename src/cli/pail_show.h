/* cli/pail_show.h: an operation's whole output, for people or programs. Main thread. */
#ifndef CLI_PAIL_SHOW_H
#define CLI_PAIL_SHOW_H

#include "base/buf.h"

#include <pail/model.h>

/* Appends "Name: value" lines in three paragraphs: what is known of the response, its headers
 * as they came, and the output's members ("Metadata.colour: blue"). Failures of the buf are
 * sticky. */
void pail_show_text(struct buf *b, const struct pail_operation *operation, const void *output);

/* Appends one JSON object and a newline: ResponseMetadata (RequestId, HostId, HTTPStatusCode,
 * HTTPHeaders with each name once and in lower case, RetryAttempts), then the members, as
 * botocore's responses have them. 0 or -ENOMEM. */
int pail_show_json(struct buf *b, const struct pail_operation *operation, const void *output);

#endif
