package draw

import (
	"archive/zip"
	"bytes"
	"context"
	"testing"
)

func pptxOf(tb testing.TB, slides ...*Drawing) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := PPTX(tb.Context(), &b, fonts(tb), slides...); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func TestPPTXIsTheSameEachTime(t *testing.T) {
	one, two := pptxOf(t, sampleDrawing()), pptxOf(t, sampleDrawing())
	if !bytes.Equal(one, two) {
		t.Error("two writings differ")
	}
	if _, err := zip.NewReader(bytes.NewReader(one), int64(len(one))); err != nil {
		t.Error(err)
	}
}

func TestPPTXRefuses(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := PPTX(ctx, new(bytes.Buffer), fonts(t), sampleDrawing()); err != context.Canceled {
		t.Errorf("a request that was cancelled: %v", err)
	}
	if err := PPTX(t.Context(), new(bytes.Buffer), fonts(t)); err == nil {
		t.Error("no slides were written")
	}
	if err := PPTX(t.Context(), new(bytes.Buffer), fonts(t), &Drawing{Width: 10}); err == nil {
		t.Error("a slide without area was written")
	}
}

func TestPPTXIsWhatPowerPointTakes(t *testing.T) {
	noted := sampleDrawing()
	noted.Notes = []string{"资料：GeoNames (CC BY 4.0)", "Second"}
	openPPTX(t, pptxOf(t, sampleDrawing()))
	o := openPPTX(t, pptxOf(t, sampleDrawing(), noted))
	if len(o.slides) != 2 {
		t.Errorf("%d slides", len(o.slides))
	}
}
