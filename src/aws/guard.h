/* aws/guard.h: what a program that has keys does first, so that they stay where they belong. */
#ifndef AWS_GUARD_H
#define AWS_GUARD_H

/* Takes the keys among the environment's variables out of the memory that a core dump holds and
 * other processes can read; JSON that is parsed leaves nothing behind. For the whole process,
 * so for programs alone: libpail does not do it to those who link it. Once, before there is a
 * second thread. 0 or -ENOMEM. */
int guard_keys(void);

#endif
