// Command h1 shows how the h1 library understands HTTP/1.1.
//
//	h1 serve    a server that tells each client what it understood
//	h1 dump     raw requests from a file, as understood, or the rule they break
//	h1 help     this, or the help of one command
//
// It imports what any program may: package h1 and the standard library.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

// Exit statuses. exitFault tells that a command ran and found something wrong, exitUsage that it could not be understood.
const (
	exitOK    = 0
	exitFault = 1
	exitUsage = 2
)

const usage = `h1 shows how the h1 library understands HTTP/1.1.

Usage:

	h1 <command> [flags] [arguments]

Commands:

	serve    serve a page that shows the request it was asked with, and paths to try
	dump     read raw requests and print what was understood, or the rule that was broken
	help     show this text, or the help of a command: h1 help serve

"h1 <command> -h" lists the flags of a command.
`

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is main with its surroundings as arguments; it returns the exit status.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		io.WriteString(stderr, usage)
		return exitUsage
	}
	switch name, rest := args[0], args[1:]; name {
	case "serve":
		return runServe(rest, stdout, stderr)
	case "dump":
		return runDump(rest, stdin, stdout, stderr)
	case "help", "-h", "-help", "--help":
		return help(rest, stdin, stdout, stderr)
	default:
		fmt.Fprintf(stderr, "h1: unknown command %q\n\n%s", name, usage)
		return exitUsage
	}
}

func help(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if len(args) == 0 || args[0] == "help" {
		io.WriteString(stdout, usage)
		return exitOK
	}
	return run([]string{args[0], "-h"}, stdin, stdout, stderr)
}

// parseFlags parses args into fs and reports whether the command goes on; if not, status is its exit status.
// Help that was asked for goes to stdout, so that it can be paged; a mistake goes to stderr.
func parseFlags(fs *flag.FlagSet, args []string, text string, stdout, stderr io.Writer) (status int, ok bool) {
	fs.SetOutput(io.Discard) // the flag package would print its message and all flags for each mistake
	err := fs.Parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		io.WriteString(stdout, text)
		fs.SetOutput(stdout)
		fs.PrintDefaults()
		return exitOK, false
	case err != nil:
		return misuse(fs, err, stderr), false
	}
	return exitOK, true
}

// misuse tells what is wrong with a command line and where its help is.
func misuse(fs *flag.FlagSet, err error, stderr io.Writer) int {
	fmt.Fprintf(stderr, "h1 %s: %v\n\"h1 %[1]s -h\" shows how it is used.\n", fs.Name(), err)
	return exitUsage
}
