package kanban

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
)

// Misfit says why a text could not be read as the JSON that was wanted, in words
// for whoever wrote the text: err, of encoding/json, names types of this program.
func Misfit(err error) string {
	var odd *json.UnmarshalTypeError
	var broken *json.SyntaxError
	switch {
	case errors.As(err, &odd):
		found, wanted := article(odd.Value), wantedAs(odd.Type)
		if odd.Field == "" {
			return fmt.Sprintf("it is %s where %s belongs", found, wanted)
		}
		return fmt.Sprintf("%q holds %s where %s belongs", odd.Field, found, wanted)
	case errors.As(err, &broken):
		return fmt.Sprintf("it is no JSON: %v, at byte %d", broken, broken.Offset)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "it is no JSON: it ends too early"
	}
	return strings.TrimPrefix(err.Error(), "json: ") // an unknown key, which it names
}

// article is what encoding/json calls a value, as a reader would.
func article(value string) string {
	kind, figure, _ := strings.Cut(value, " ")
	switch kind {
	case "string":
		return "a text"
	case "bool":
		return "true or false"
	case "array":
		return "a list"
	case "object":
		return "an object"
	case "number":
		if figure != "" {
			return "the number " + Clip(figure, maxQuoted)
		}
		return "a number"
	}
	return value
}

// wantedAs is what JSON has to hold to be read as a type.
func wantedAs(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Pointer:
		return wantedAs(t.Elem())
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Map, reflect.Struct:
		return "an object"
	}
	return "a whole number"
}
