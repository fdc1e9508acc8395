package main

import (
	"net"
	"net/netip"
	"strconv"
)

// openURLs returns the URLs under which a server listening on a can be opened, the one for this machine first.
func openURLs(a net.Addr, secure bool) []string {
	scheme := "http"
	if secure {
		scheme = "https"
	}
	url := func(host string, port uint16) string {
		return scheme + "://" + net.JoinHostPort(host, strconv.Itoa(int(port))) + "/"
	}

	at, err := netip.ParseAddrPort(a.String())
	if err != nil { // no TCP address
		return []string{scheme + "://" + a.String() + "/"}
	}
	if !at.Addr().IsUnspecified() {
		return []string{url(at.Addr().Unmap().String(), at.Port())}
	}
	urls := []string{url("localhost", at.Port())}
	for _, ip := range interfaceAddrs() {
		if ip.Is4() || at.Addr().Is6() {
			urls = append(urls, url(ip.String(), at.Port()))
		}
	}
	return urls
}

// interfaceAddrs returns the addresses under which others reach this machine. Link-local ones are left out: their zone
// means something else on each machine.
func interfaceAddrs() []netip.Addr {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil // they are only an aid
	}
	var ips []netip.Addr
	for _, a := range all {
		p, err := netip.ParsePrefix(a.String())
		if err == nil && p.Addr().IsGlobalUnicast() {
			ips = append(ips, p.Addr())
		}
	}
	return ips
}
