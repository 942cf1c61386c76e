package server

import (
	"context"
	"net"
	"net/http"
)

// Listener makes l give connections on which the head of an answer leaves together with
// the body where a handler writes that at once. net/http alone sends its buffer of 4 kB
// and then the rest, so that a client is woken for a part of what it asked for. It is
// for the server of [Server.HTTPServer]; answers and limits are the same without it.
func Listener(l net.Listener) net.Listener { return joiningListener{l} }

type joiningListener struct{ net.Listener }

func (l joiningListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if tcp, ok := c.(*net.TCPConn); ok {
		return &joiningConn{TCPConn: tcp}, err
	}
	return c, err
}

// joiningConn sends the first of two writes with the second. net/http writes to it from
// one goroutine at a time.
type joiningConn struct {
	*net.TCPConn
	owed int    // bytes that net/http has been given to write, if it has written none of them
	held []byte // the first write
}

// Write holds back what is less than is owed: the rest of that is still to come, at the
// latest when the handler is done.
func (c *joiningConn) Write(b []byte) (int, error) {
	if len(b) < c.owed {
		c.owed = 0
		c.held = append(c.held, b...)
		return len(b), nil
	}
	if len(c.held) == 0 {
		return c.TCPConn.Write(b)
	}
	both := net.Buffers{c.held, b}
	n, err := both.WriteTo(c.TCPConn)
	n = max(0, n-int64(len(c.held)))
	c.held = c.held[:0]
	return int(n), err
}

type connKey struct{}

// withConn is a ConnContext of http.Server.
func withConn(ctx context.Context, c net.Conn) context.Context {
	if c, ok := c.(*joiningConn); ok {
		return context.WithValue(ctx, connKey{}, c)
	}
	return ctx
}

// connOf is the connection of a request that came by a [Listener]; else nil.
func connOf(r *http.Request) *joiningConn {
	c, _ := r.Context().Value(connKey{}).(*joiningConn)
	return c
}
