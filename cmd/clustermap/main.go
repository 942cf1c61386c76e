// Command clustermap serves places as a map and as OGC API - Features layers.
//
// Without arguments it serves the built-in atlas of Chinese industrial
// clusters. "clustermap help" tells the rest.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2) // room for both: none is lost
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		stop()
		<-signals // a second one ends at once
		os.Exit(exitCutOff)
	}()
	os.Exit(exitStatus(run(ctx, os.Args[1:], os.Stdout, os.Stderr), os.Stderr))
}

// run is the whole program, with nothing global, so that a test can call it.
// It returns when the command is done or, for serve, after ctx has ended and
// the last request is answered.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	name := "serve"
	if len(args) > 0 {
		switch args[0] {
		case "-h", "-help", "--help":
			name, args = "help", args[1:]
		case "-version", "--version":
			name, args = "version", args[1:]
		default:
			if !strings.HasPrefix(args[0], "-") { // else flags of serve
				name, args = args[0], args[1:]
			}
		}
	}
	switch name {
	case "serve":
		return runServe(ctx, args, stdout, stderr)
	case "check":
		return runCheck(ctx, args, stdout)
	case "import":
		return runImport(ctx, args, stdout, stderr)
	case "tiles":
		return runTiles(ctx, args, stdout, stderr)
	case "map":
		return runMap(ctx, args, stdout, stderr)
	case "version":
		return runVersion(args, stdout)
	case "help":
		return runHelp(args, stdout)
	}
	if _, err := os.Stat(name); err == nil {
		return runServe(ctx, append([]string{name}, args...), stdout, stderr)
	}
	return usagef("help", "%q is neither a command nor a file", name)
}

// The status of the process.
const (
	exitDone   = 0
	exitFault  = 1
	exitUsage  = 2   // a command line that makes no sense
	exitCutOff = 130 // a second signal, as shells count an interrupt
)

// exitStatus writes err for the person at the terminal and returns the status
// of the process.
func exitStatus(err error, stderr io.Writer) int {
	var usage *usageError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "clustermap: %v\nTry: clustermap %s\n", err, usage.try)
		return exitUsage
	}
	fmt.Fprintf(stderr, "clustermap: %v\n", err)
	return exitFault
}

// usageError reports a command line that makes no sense.
type usageError struct {
	try    string // the command whose output helps
	reason string
}

func (e *usageError) Error() string { return e.reason }

func usagef(try, format string, args ...any) error {
	return &usageError{try: try, reason: fmt.Sprintf(format, args...)}
}

// noEmptyPath refuses "", which would be the current directory: it is what a
// shell makes of a variable that is not set.
func noEmptyPath(command string, paths []string) error {
	if slices.Contains(paths, "") {
		return usagef("help "+command, "a PATH is empty; is a variable not set?")
	}
	return nil
}

// errHelp is returned by parseArgs when help was asked for and has been given.
var errHelp = errors.New("help was given")

// parseArgs reads the arguments of the command that flags is named for. Flags
// may stand before, between and after the other arguments, which it returns;
// "--" ends the flags. If help is asked for, it goes to stdout.
func parseArgs(flags *flag.FlagSet, args []string, stdout io.Writer) (rest []string, err error) {
	flags.SetOutput(io.Discard) // errors are returned and written once, by main
	for {
		err := flags.Parse(args)
		if errors.Is(err, flag.ErrHelp) {
			fmt.Fprint(stdout, helpTexts[flags.Name()])
			return nil, errHelp
		}
		if err != nil {
			return nil, usagef("help "+flags.Name(), "%v", err)
		}
		left := flags.Args()
		if n := len(args) - len(left); n > 0 && args[n-1] == "--" {
			return append(rest, left...), nil
		}
		if len(left) == 0 {
			return rest, nil
		}
		rest, args = append(rest, left[0]), left[1:]
	}
}
