package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// usage reads what a process and its children take. Processor time is read per
// thread in nanoseconds: a clock tick is a third of what an idle gateway may
// take in half a minute.
func usage(pid int) (u used, err error) {
	if u.cpu, err = processor(pid); err != nil {
		return u, err
	}
	if u.resident, err = memory(pid, "Rss:"); err != nil {
		return u, err
	}
	if u.share, err = memory(pid, "Pss:"); err != nil {
		return u, err
	}
	for _, child := range children(pid) {
		cpu, err := processor(child)
		if err != nil {
			return u, err
		}
		share, err := memory(child, "Pss:")
		if err != nil {
			return u, err
		}
		u.childCPU += cpu
		u.share += share
	}
	return u, nil
}

// processor is the processor time of all threads of a process.
func processor(pid int) (total time.Duration, err error) {
	files, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid))
	if err != nil || len(files) == 0 {
		return 0, fmt.Errorf("no threads of %d (%v)", pid, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return 0, err
		}
		first, _, _ := strings.Cut(string(text), " ")
		ns, err := strconv.ParseInt(first, 10, 64)
		if err != nil {
			return 0, err
		}
		total += time.Duration(ns)
	}
	return total, nil
}

func memory(pid int, key string) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == key {
			kb, err := strconv.ParseInt(fields[1], 10, 64)
			return kb << 10, err
		}
	}
	return 0, fmt.Errorf("no %s of process %d", key, pid)
}

func children(pid int) (pids []int) {
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid)) // the pattern is sound
	for _, file := range files {
		text, _ := os.ReadFile(file) // a thread that ended has none
		for field := range strings.FieldsSeq(string(text)) {
			if child, err := strconv.Atoi(field); err == nil {
				pids = append(pids, child)
			}
		}
	}
	return pids
}
