package main

import "context"

func commandLine(context.Context, *bench) ([]Figure, error) { return nil, nil }
