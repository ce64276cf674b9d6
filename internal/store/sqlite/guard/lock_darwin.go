package guard

const setLockWait = 91 // F_OFD_SETLKW, which the system has and its headers hide
