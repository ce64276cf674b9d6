package config

import (
	"os"
	"path/filepath"
	"testing"
)

func TestG32_SecretsThatOthersCanReadAreFound(t *testing.T) {
	dir := t.TempDir()
	file := func(name, content string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good, open, empty := file("good", "x", 0o600), file("open", "x", 0o644), file("empty", "", 0o600)
	for _, c := range []struct {
		sink Sink
		want string
	}{
		{Sink{Type: SinkFile}, ""},
		{Sink{Type: SinkTelegram, SecretFile: good}, ""},
		{Sink{Type: SinkTelegram, SecretEnv: "ANDON_TEST_NONE"}, ""}, // it may be set where the gateway is started
		{Sink{Type: SinkTelegram, SecretFile: open}, "notify.sinks.ops.token_file: " + open + " can be read by others (mode 0644)"},
		{Sink{Type: SinkShoutrrr, SecretFile: empty}, "notify.sinks.ops.url_file: " + empty + " is empty"},
		{Sink{Type: SinkSlack, SecretFile: good, AppFile: dir}, "notify.sinks.ops.app_token_file: " + dir + " is not a file"},
		{Sink{Type: SinkWebhook, SecretFile: dir + "/none"}, "notify.sinks.ops.secret_file: stat " + dir + "/none: no such file or directory"},
		{
			Sink{Type: SinkSlack, SecretFile: open, AppFile: empty},
			"2 secrets cannot be used\nnotify.sinks.ops.token_file: " + open + " can be read by others (mode 0644)\nnotify.sinks.ops.app_token_file: " + empty + " is empty",
		},
	} {
		err := Config{Notify: Notify{Sinks: map[string]Sink{"ops": c.sink}}}.CheckSecrets()
		if got := ""; err != nil || c.want != "" {
			if err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("%+v:\n got %s\nwant %s", c.sink, got, c.want)
			}
		}
	}
}
