package h1_test

import (
	"os"
	"testing"

	"github.com/seed-489864d5/h1/internal/wiretest"
)

// TestMain fails when a test leaves a goroutine behind.
func TestMain(m *testing.M) { os.Exit(wiretest.CheckLeaks(m)) }
