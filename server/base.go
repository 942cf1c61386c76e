package server

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	gopath "path"
	"strings"
)

// baseURL is the address before all paths of the server: fixed by
// configuration, or taken from each request.
type baseURL struct {
	fixed string // such as https://maps.example.org/atlas; "" if from the request
	path  string // such as /atlas; "" if none
}

// CheckBaseURL tells why New would refuse a Config with this BaseURL.
func CheckBaseURL(s string) error {
	_, err := parseBaseURL(s)
	return err
}

func parseBaseURL(s string) (baseURL, error) {
	if s == "" {
		return baseURL{}, nil
	}
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return baseURL{}, errors.New("is not a URL")
	case u.Scheme != "http" && u.Scheme != "https" || !validHost(u.Host):
		return baseURL{}, errors.New("use http://HOST or https://HOST, with a path if there is one")
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || strings.Contains(s, "#"):
		return baseURL{}, errors.New("use no user name, query or fragment")
	}
	path := strings.TrimRight(u.EscapedPath(), "/")
	if path != "" && gopath.Clean(path) != path {
		return baseURL{}, errors.New("the path has a part that is empty or made of dots")
	}
	return baseURL{fixed: u.Scheme + "://" + u.Host + path, path: path}, nil
}

// valid reports whether links can be made for r.
func (b baseURL) valid(r *http.Request) bool {
	return b.fixed != "" || validHost(r.Host) || r.Host == "" && !r.ProtoAtLeast(1, 1)
}

// of is the base of the links in the answer to r, without a slash at the end.
// What proxies write into headers is never believed: anyone can write it.
func (b baseURL) of(r *http.Request) string {
	if b.fixed != "" {
		return b.fixed
	}
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	host := r.Host
	if host == "" { // HTTP/1.0
		host = "localhost"
		if addr, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
			host = addr.String()
		}
	}
	return scheme + host
}

// strip takes the base path off a request that still has it. For the base path
// without its slash it returns where to go instead.
func (b baseURL) strip(r *http.Request) (_ *http.Request, redirect string) {
	path := r.URL.EscapedPath()
	if path == b.path {
		redirect = b.path + "/"
		if r.URL.RawQuery != "" {
			redirect += "?" + r.URL.RawQuery
		}
		return r, redirect
	}
	rest, ok := strings.CutPrefix(path, b.path+"/")
	if !ok {
		return r, "" // a proxy took it off
	}
	u := *r.URL
	u.RawPath = "/" + rest
	if plain, err := url.PathUnescape(u.RawPath); err == nil {
		u.Path = plain
	}
	r = r.WithContext(r.Context())
	r.URL = &u
	return r, ""
}

// validHost reports whether s is a registered name or IP address with or
// without a port, written with nothing that could mean something else in a
// link, a header or a page.
func validHost(s string) bool {
	if len(s) == 0 || len(s) > 261 {
		return false
	}
	if s[0] == '[' {
		end := strings.IndexByte(s, ']')
		if end < 0 {
			return false
		}
		addr, err := netip.ParseAddr(s[1:end])
		return err == nil && addr.Is6() && addr.Zone() == "" && validPort(s[end+1:])
	}
	name, port := s, ""
	if i := strings.IndexByte(s, ':'); i >= 0 {
		name, port = s[:i], s[i:]
	}
	for i := range len(name) {
		c := name[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~') {
			return false
		}
	}
	return name != "" && validPort(port)
}

func validPort(s string) bool {
	if s == "" {
		return true
	}
	if s[0] != ':' || len(s) > 6 {
		return false
	}
	for _, c := range s[1:] {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}
