package guard_test

const setLock = 90 // F_OFD_SETLK
