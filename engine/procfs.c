/* A procfs of this process alone. */

#include <linux/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "engine.h"

/* The descriptor of its root, or -1: it needs a kernel from 5.2 on, and the right to mount. */
JSValue native_open_procfs(JSContext *context, JSValueConst self, int argc, JSValueConst *argv) {
    int root = -1, file_system = syscall(SYS_fsopen, "proc", FSOPEN_CLOEXEC);
    if (file_system < 0) return JS_NewInt32(context, -1);
    if (syscall(SYS_fsconfig, file_system, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
        root = syscall(SYS_fsmount, file_system, FSMOUNT_CLOEXEC, 0);
    close(file_system);
    return JS_NewInt32(context, root);
}
