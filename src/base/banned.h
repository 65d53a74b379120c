/* base/banned.h: calls that are compile errors here, because each has a safer form in base/.
 * Included on every command line by the build, before anything else of the file. */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef __cplusplus
#pragma GCC poison strcpy strcat sprintf vsprintf strtok atoi atol atoll strtol strtoul gets   \
    strncpy strncat
#endif

#endif
