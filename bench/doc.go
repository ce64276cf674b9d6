// Command bench prints the figures of docs/benchmarks.md, measured on the
// machine it runs on.
//
//	go run ./bench            all parts, a few minutes
//	go run ./bench -quick     smaller sizes, about a minute
//	go run ./bench -only start,idle -json
//
// Each part stands in one file and returns figures. A figure that depends on
// the machine stands beside something measured in the same run: a plain fork
// and exec, one transaction per operation, a bare server that answers the same
// bytes, the same board when it was small.
package main
