package storetest

import "testing"

func modelTest(t *testing.T, open Open) {}
