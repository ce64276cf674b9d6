package gateway

import (
	"os"
	"strings"
	"testing"
)

func TestWhatLiesInMemory(t *testing.T) {
	mounts, err := os.ReadFile("/proc/mounts")
	check(t, err)
	if strings.Contains(string(mounts), " /dev/shm tmpfs ") && !inMemory("/dev/shm") {
		t.Error("/dev/shm is a disk")
	}
	if inMemory("/proc") || inMemory("/nowhere") {
		t.Error("what is no such file system lies in memory")
	}
}
