package wiretest

import (
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/nettest"
)

func TestMain(m *testing.M) { os.Exit(CheckLeaks(m)) }

func TestConn(t *testing.T) {
	nettest.TestConn(t, func() (c1, c2 net.Conn, stop func(), err error) {
		a, b := Pipe()
		return a, b, func() { a.Close(); b.Close() }, nil
	})
}

func TestConnKeepsPieces(t *testing.T) {
	a, b := Pipe()
	for _, piece := range []string{"ab", "", "cde"} {
		_, err := io.WriteString(a, piece)
		require.NoError(t, err)
	}
	p := make([]byte, 2)
	for _, want := range []string{"ab", "cd", "e"} {
		n, err := b.Read(p)
		require.NoError(t, err)
		require.Equal(t, want, string(p[:n]))
	}
}

func TestConnCloses(t *testing.T) {
	tests := []struct {
		name      string
		do        func(client, server *Conn)
		clientGot string
		clientErr error // of io.ReadAll
		writeErr  error // of the client's next Write
	}{
		{"half-close", func(client, server *Conn) {
			io.WriteString(server, "bye")
			server.CloseWrite()
		}, "bye", nil, nil},
		{"close", func(client, server *Conn) {
			io.WriteString(server, "bye")
			server.Close()
		}, "bye", nil, syscall.EPIPE},
		{"close with unread input", func(client, server *Conn) {
			io.WriteString(client, "more")
			io.WriteString(server, "bye")
			server.Close()
		}, "", syscall.ECONNRESET, syscall.ECONNRESET},
		{"close after draining", func(client, server *Conn) {
			io.WriteString(client, "more")
			io.WriteString(server, "bye")
			server.CloseWrite()
			server.Read(make([]byte, 10))
			server.Close()
		}, "bye", nil, syscall.EPIPE},
		{"linger 0", func(client, server *Conn) {
			io.WriteString(server, "bye")
			server.SetLinger(0)
			server.Close()
		}, "", syscall.ECONNRESET, syscall.ECONNRESET},
		{"linger undone", func(client, server *Conn) {
			io.WriteString(server, "bye")
			server.SetLinger(0)
			server.SetLinger(-1)
			server.Close()
		}, "bye", nil, syscall.EPIPE},
		{"reset", func(client, server *Conn) {
			io.WriteString(server, "bye")
			server.Reset()
		}, "", syscall.ECONNRESET, syscall.ECONNRESET},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			client, server := Pipe()
			tt.do(client, server)
			got, err := io.ReadAll(client)
			require.Equal(t, tt.clientGot, string(got))
			require.ErrorIs(t, err, tt.clientErr)
			_, err = io.WriteString(client, "x")
			require.ErrorIs(t, err, tt.writeErr)
		})
	}
}

func TestConnAfterClose(t *testing.T) {
	client, _ := Pipe()
	require.NoError(t, client.Close())
	_, err := client.Read(make([]byte, 1))
	require.ErrorIs(t, err, net.ErrClosed)
	_, err = client.Write([]byte("x"))
	require.ErrorIs(t, err, net.ErrClosed)
	require.ErrorIs(t, client.Close(), net.ErrClosed)
	require.ErrorIs(t, client.SetDeadline(time.Now()), net.ErrClosed)
	require.ErrorIs(t, client.SetLinger(0), net.ErrClosed)
}

func TestConnWriteBlocksWhenFull(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := PipeSize(4)
		client.SetWriteDeadline(time.Now().Add(time.Second))
		n, err := io.WriteString(client, "abcdef")
		require.Equal(t, 4, n)
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)

		client.SetWriteDeadline(time.Time{})
		done := make(chan error)
		go func() {
			_, err := io.WriteString(client, "ef")
			done <- err
		}()
		synctest.Wait()
		select {
		case <-done:
			t.Fatal("wrote into a full pipe")
		default:
		}
		got := make([]byte, 4)
		_, err = io.ReadFull(server, got)
		require.NoError(t, err)
		require.NoError(t, <-done)
	})
}

// The fake clock of a bubble goes on only when all its goroutines block durably.
func TestConnDeadlineInBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, _ := Pipe()
		start := time.Now()
		client.SetReadDeadline(start.Add(time.Hour))
		_, err := client.Read(make([]byte, 1))
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		require.Equal(t, time.Hour, time.Since(start))

		client.SetReadDeadline(time.Now().Add(time.Hour)) // and undo the last one
		time.AfterFunc(time.Minute, func() { client.Close() })
		_, err = client.Read(make([]byte, 1))
		require.ErrorIs(t, err, net.ErrClosed)
		require.Equal(t, time.Hour+time.Minute, time.Since(start))
	})
}
