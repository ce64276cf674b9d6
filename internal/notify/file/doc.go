// Package file appends messages to a file, one JSON document per line.
package file
