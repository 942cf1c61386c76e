package server

import (
	"strings"
	"testing"

	"clustermap/geo"
)

// The page may load the tiles of the maps that it offers, and no other answer may.
func TestOnlineBasemapsInThePolicy(t *testing.T) {
	state, err := geo.NewState()
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(Config{Atlas: geo.NewAtlas(state), Online: OnlinePresets()})
	if err != nil {
		t.Fatal(err)
	}
	for _, origin := range []string{"https://tile.openstreetmap.org", "https://t0.tianditu.gov.cn", "https://t7.tianditu.gov.cn", "https://webrd04.is.autonavi.com"} {
		for _, policy := range []string{s.mapped, s.framed} {
			if strings.Count(policy, " "+origin) != 1 {
				t.Errorf("the policy has %s not once: %s", origin, policy)
			}
		}
		if strings.Contains(contentPolicy, origin) {
			t.Errorf("other answers may load from %s", origin)
		}
	}
	if !strings.Contains(s.framed, "frame-ancestors *") {
		t.Errorf("the frame's policy is %s", s.framed)
	}
}

func TestOnlineBasemapsThatMakeNoSense(t *testing.T) {
	good := OnlinePresets()[0]
	for _, tiles := range []string{"", "https://example.org/{z}/{x}.png", "ftp://example.org/{z}/{x}/{y}", "/tiles/{z}/{x}/{y}", "https://{s}.example.org/{z}/{x}/{y}",
		"https://example.org; script-src */{z}/{x}/{y}", "https://example.org/{layer}/{z}/{x}/{y}", "https://{z}.{x}.{y}"} {
		bad := good
		bad.Tiles = tiles
		if bad.Check() == nil {
			t.Errorf("%q is no fault", tiles)
		}
	}
	if err := checkOnline([]Online{good, good}); err == nil {
		t.Error("one name twice is no fault")
	}
}
