// Package script holds the product's tests as its users see it: sessions at
// the terminal with the real binary, a real gateway and real workers.
package script
