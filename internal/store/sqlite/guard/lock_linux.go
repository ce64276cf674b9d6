package guard

import "golang.org/x/sys/unix"

const setLockWait = unix.F_OFD_SETLKW
