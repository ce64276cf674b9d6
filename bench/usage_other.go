//go:build !linux

package main

import "errors"

func usage(int) (used, error) {
	return used{}, errors.New("what a process takes is measured on Linux only; leave this part out with -only")
}
