#include "aws/guard.h"

#include "aws/json.h"
#include "base/secret.h"

int guard_keys(void)
{
    static const char *const names[] = {"AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
                                        "AWS_SECURITY_TOKEN"};
    json_wipe_freed();
    int r = 0;
    for (size_t i = 0; i < ARRAY_LEN(names) && r == 0; i++)
        r = secret_environment(names[i]);
    return r;
}
