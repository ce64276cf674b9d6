package archtest

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// listed is what `go list` tells of one package.
type listed struct {
	ImportPath                         string
	Standard                           bool
	Imports, TestImports, XTestImports []string
	Deps                               []string
}

// list asks for the packages of this module as they are built for a system.
func list(t *testing.T, system string) []listed {
	t.Helper()
	look(t)
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-json=ImportPath,Standard,Imports,TestImports,XTestImports,Deps", module+"/...")
	cmd.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal("go list: ", err)
	}
	var packages []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if within(p.ImportPath, module) && !within(short(p.ImportPath), "tmp") { // git ignores tmp
			packages = append(packages, p)
		}
	}
	if len(packages) < 5 {
		t.Fatalf("go list found only %d packages of %s", len(packages), module)
	}
	return packages
}

// look walks over the module, since a cached result is only as fresh as the
// files that the test itself has seen; those that go list reads do not count.
func look(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && (d.Name() == ".git" || d.Name() == "testdata") {
			return fs.SkipDir
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // a neighbour's test may remove its files meanwhile
		t.Fatal(err)
	}
}

func short(path string) string { return strings.TrimPrefix(path, module+"/") }

func TestDirectionOfImports(t *testing.T) {
	for _, system := range []string{"linux", "darwin"} {
		for _, p := range list(t, system) {
			for _, e := range edges(p) {
				if why := breach(e); why != "" {
					t.Errorf("%s: %s imports %s: %s", system, e.from, e.to, why)
				}
			}
		}
	}
}

func edges(p listed) []edge {
	var all []edge
	for _, to := range p.Imports {
		all = append(all, edge{from: short(p.ImportPath), to: short(to)})
	}
	for _, to := range append(p.TestImports, p.XTestImports...) {
		all = append(all, edge{from: short(p.ImportPath), to: short(to), test: true})
	}
	return all
}

func TestG02_OneSQLiteInTheBinary(t *testing.T) {
	some := false
	for _, p := range list(t, "linux") {
		if second := secondSQLite(p.Deps); second != nil {
			t.Errorf("%s links a second SQLite: %v", short(p.ImportPath), second)
		}
		some = some || opensDatabase(p.Deps)
		if room := roomOf(short(p.ImportPath)); (room == "internal/worker" || room == "internal/store/sqlite/guard") && opensDatabase(p.Deps) {
			t.Errorf("%s can open a database; a supervisor must not", short(p.ImportPath))
		}
	}
	if !some {
		t.Error("no package links the SQLite driver: is its import path still " + driver + "?")
	}
}

// The SQLite with POSIX locks, which has to lose commits in test/neighbours, is
// of another module: no build of this one can reach it.
func TestG02_TheControlIsNotOfThisModule(t *testing.T) {
	const control = "test/neighbours/control"
	theirs, err := os.ReadFile(filepath.Join("../..", control, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	if namesDriver(theirs) == "" {
		t.Error("the control has no SQLite")
	}
	ours, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	if other := namesDriver(ours); other != "" {
		t.Errorf("go.mod requires %s", other)
	}
	for _, p := range list(t, "linux") {
		if within(short(p.ImportPath), control) {
			t.Errorf("%s is of this module", p.ImportPath)
		}
	}
}

// namesDriver returns the other SQLite that a go.mod requires, if any.
func namesDriver(mod []byte) string {
	for _, other := range otherDrivers {
		if strings.Contains(string(mod), other+" v") {
			return other
		}
	}
	return ""
}
