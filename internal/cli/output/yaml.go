package output

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml"
)

// ToYAML writes a JSON document as YAML. What YAML does not allow in a text as
// it is, is escaped within double quotes.
func ToYAML(text []byte) ([]byte, error) {
	var v any
	if err := yaml.UnmarshalWithOptions(text, &v, yaml.UseOrderedMap()); err != nil {
		return nil, fmt.Errorf("cannot write as YAML: %w", err)
	}
	out, err := yaml.MarshalWithOptions(v, yaml.CustomMarshaler(scalar))
	if err != nil {
		return nil, fmt.Errorf("cannot write as YAML: %w", err)
	}
	return out, nil
}

// scalar writes one text. The escapes of Go are all known to YAML.
func scalar(s string) ([]byte, error) {
	if strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }) {
		return []byte(strconv.Quote(s)), nil
	}
	return yaml.Marshal(s)
}
