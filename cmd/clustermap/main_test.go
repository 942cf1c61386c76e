package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain makes this test binary the command "clustermap", for the scripts and
// for the tests that start a process.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"clustermap": main})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"status": exitStatusIs,
			"taken":  taken,
		},
	})
}

// exitStatusIs N COMMAND... runs a command that must end with the status N.
func exitStatusIs(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("%q ended with status %d, want %d", args[1:], got, want)
	}
}

// taken ENV sets an environment variable to an address on which the script
// itself listens until it ends.
func taken(ts *testscript.TestScript, _ bool, args []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { l.Close() })
	ts.Setenv(args[0], l.Addr().String())
}

// instance is a running "clustermap serve".
type instance struct {
	url string // without the slash at the end
	log *lockedBuffer
}

// uris are the request targets that the instance has answered so far.
func (in *instance) uris() []string {
	var uris []string
	for _, m := range regexp.MustCompile(`uri="?([^" ]+)`).FindAllStringSubmatch(in.log.String(), -1) {
		uris = append(uris, m[1])
	}
	return uris
}

var listening = regexp.MustCompile(`http://localhost(:\d+)`)

// start runs "clustermap serve" with args on a free port of the loopback
// interface until the test ends.
func start(t testing.TB, args ...string) *instance {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	stdout, pipe := io.Pipe()
	in := &instance{log: new(lockedBuffer)}
	done := make(chan error, 1)
	go func() {
		err := run(ctx, append([]string{"serve", "-addr", "127.0.0.1:0"}, args...), pipe, in.log)
		pipe.CloseWithError(io.EOF)
		done <- err
	}()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Errorf("serve %v ended with: %v", args, err)
		}
	})
	impatient := time.AfterFunc(time.Minute, stop)
	defer impatient.Stop()
	lines := bufio.NewScanner(stdout)
	for in.url == "" {
		if !lines.Scan() {
			t.Fatalf("serve %v printed no address; log:\n%s", args, in.log)
		}
		if m := listening.FindStringSubmatch(lines.Text()); m != nil {
			in.url = "http://127.0.0.1" + m[1]
		}
	}
	go io.Copy(io.Discard, stdout)
	return in
}

// lockedBuffer is a buffer that one goroutine may read while others write.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// TestSignals sends signals to a process of its own: the first makes /readyz
// answer 503 while the rest goes on, then the process ends with status 0.
func TestSignals(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		t.Run(sig.String(), func(t *testing.T) {
			cmd, url := startProcess(t, "-drain", "4s")
			if got := status(t, url+"/readyz"); got != http.StatusOK {
				t.Errorf("before the signal /readyz answers %d, want 200", got)
			}
			if err := cmd.Process.Signal(sig); err != nil {
				t.Fatal(err)
			}
			waitFor(t, "/readyz to answer 503", func() bool {
				return status(t, url+"/readyz") == http.StatusServiceUnavailable
			})
			if got := status(t, url+"/collections/clusters/items?limit=1"); got != http.StatusOK {
				t.Errorf("while draining a request for features answers %d, want 200", got)
			}
			if got := exitOf(t, cmd); got != exitDone {
				t.Errorf("the process ended with status %d, want 0", got)
			}
		})
	}
}

// TestSecondSignal ends a process that drains for longer than anyone waits.
func TestSecondSignal(t *testing.T) {
	cmd, url := startProcess(t, "-drain", "1h")
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "/readyz to answer 503", func() bool {
		return status(t, url+"/readyz") == http.StatusServiceUnavailable
	})
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if got := exitOf(t, cmd); got != exitCutOff {
		t.Errorf("the process ended with status %d, want %d", got, exitCutOff)
	}
}

// TestRequestSurvivesSignal has an answer of some 13 MB half read when the signal
// comes: it must arrive whole.
func TestRequestSurvivesSignal(t *testing.T) {
	const features = 10000
	file := filepath.Join(t.TempDir(), "large.geojsonl")
	line := `{"type":"Feature","geometry":{"type":"Point","coordinates":[120,30]},"properties":{"text":"` +
		strings.Repeat("x", 1200) + "\"}}\n"
	if err := os.WriteFile(file, []byte(strings.Repeat(line, features)), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd, url := startProcess(t, file)
	answer, err := http.Get(url + "/collections/large/items?limit=10000")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "new connections to be refused", func() bool {
		c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
		if err == nil {
			c.Close()
		}
		return err != nil
	})
	var page struct{ Features []struct{} }
	if err := json.NewDecoder(answer.Body).Decode(&page); err != nil || len(page.Features) != features {
		t.Errorf("the answer under way has %d features, error %v; want all %d", len(page.Features), err, features)
	}
	answer.Body.Close()
	if got := exitOf(t, cmd); got != exitDone {
		t.Errorf("the process ended with status %d, want 0", got)
	}
}

// startProcess starts the program as a process and returns its address.
func startProcess(t *testing.T, args ...string) (cmd *exec.Cmd, url string) {
	t.Helper()
	cmd = exec.Command("clustermap", append([]string{"serve", "-addr", "127.0.0.1:0"}, args...)...)
	log := new(lockedBuffer)
	cmd.Stderr = log
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		if t.Failed() {
			t.Logf("log of the process:\n%s", log)
		}
	})
	for lines := bufio.NewScanner(stdout); lines.Scan(); {
		if m := listening.FindStringSubmatch(lines.Text()); m != nil {
			return cmd, "http://127.0.0.1" + m[1]
		}
	}
	t.Fatal("the process printed no address")
	return nil, ""
}

// exitOf waits for the end of the process, for a minute at most, and returns its
// status.
func exitOf(t *testing.T, cmd *exec.Cmd) int {
	t.Helper()
	impatient := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() })
	defer impatient.Stop()
	err := cmd.Wait()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode()
}

// status is the status of the answer to GET url, on a connection of its own.
func status(t *testing.T, url string) int {
	t.Helper()
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	answer, err := client.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.StatusCode
}

// waitFor asks ok again and again until it holds, and gives up after 10 s.
func waitFor(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

// TestFlagsHaveHelp holds that the help of a command names each flag, with its
// default where it has one.
func TestFlagsHaveHelp(t *testing.T) {
	for _, flags := range []*flag.FlagSet{new(serveOptions).flags(), new(tilesOptions).flags()} {
		text := helpTexts[flags.Name()]
		flags.VisitAll(func(f *flag.Flag) {
			if !strings.Contains(text, "\n    -"+f.Name+" ") {
				t.Errorf("the help of %s does not name -%s", flags.Name(), f.Name)
			}
			if f.DefValue != "" && f.DefValue != "false" && !strings.Contains(text, "("+f.DefValue) {
				t.Errorf("the help of %s does not give the default of -%s, %s", flags.Name(), f.Name, f.DefValue)
			}
		})
	}
}

// TestArguments holds that flags may stand anywhere before "--".
func TestArguments(t *testing.T) {
	for _, args := range []string{
		"-quiet -addr :1 a b",
		"a -quiet b -addr :1",
		"a b -addr=:1 --quiet",
		"a -addr :1 -quiet -- b",
	} {
		o, err := parseServe(strings.Fields(args), io.Discard)
		if err != nil {
			t.Errorf("%s: %v", args, err)
			continue
		}
		if got := strings.Join(o.paths, " "); got != "a b" || o.addr != ":1" || !o.quiet || o.atlas {
			t.Errorf("%s: got paths %q and %+v", args, got, o)
		}
	}
	o, err := parseServe([]string{"a", "--", "-quiet", "--"}, io.Discard)
	if got := strings.Join(o.paths, " "); err != nil || got != "a -quiet --" || o.quiet {
		t.Errorf("after --: got paths %q, error %v", got, err)
	}
}

// TestWelcome holds that the addresses told to the user are ones to open.
func TestWelcome(t *testing.T) {
	for _, c := range []struct{ listening, baseURL, want string }{
		{"127.0.0.1:8080", "", "http://localhost:8080/"},
		{"[::]:8080", "", "http://localhost:8080/"},
		{"0.0.0.0:8080", "", "http://localhost:8080/"},
		{"[::1]:8080", "", "http://localhost:8080/"},
		{"192.0.2.1:8080", "", "http://192.0.2.1:8080/"},
		{"[2001:db8::1]:8080", "", "http://[2001:db8::1]:8080/"},
		{"127.0.0.1:8080", "https://example.org", "https://example.org/"},
		{"127.0.0.1:8080", "https://example.org/maps/", "https://example.org/maps/"},
	} {
		addr, err := net.ResolveTCPAddr("tcp", c.listening)
		if err != nil {
			t.Fatal(err)
		}
		got := serveOptions{baseURL: c.baseURL}.welcome(nil, addr, true)
		for _, want := range []string{"The map:         " + c.want + "\n", "For QGIS, GDAL:  " + c.want + " "} {
			if !strings.Contains(got, want) {
				t.Errorf("listening on %s with base URL %q: no %q in\n%s", c.listening, c.baseURL, want, got)
			}
		}
	}
	if got := (serveOptions{}).welcome(nil, new(net.TCPAddr), false); !strings.Contains(got, "make build") {
		t.Errorf("without the page nothing tells how to get it:\n%s", got)
	}
}
