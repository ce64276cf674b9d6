// Package browser holds the dashboard's tests as its users see it: Chromium in
// front of the real binary, a real gateway and real workers. Elements are found
// by what a screen reader would call them.
package browser
