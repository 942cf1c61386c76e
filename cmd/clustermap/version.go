package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
)

// runVersion is "clustermap version".
func runVersion(args []string, stdout io.Writer) error {
	rest, err := parseArgs(flag.NewFlagSet("version", flag.ContinueOnError), args, stdout)
	if errors.Is(err, errHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usagef("help version", "version takes no arguments, got %q", rest[0])
	}
	fmt.Fprintf(stdout, "clustermap %s %s %s/%s\n", version(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}

// version returns what the Go command wrote into the binary: a tag, a
// pseudo-version of the commit, or "devel" when it was built outside of a
// repository.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return info.Main.Version
}
