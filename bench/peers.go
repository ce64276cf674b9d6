package main

import "context"

func peers(context.Context, *bench) ([]Figure, error) { return nil, nil }
