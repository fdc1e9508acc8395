package wiretest

import (
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestDeliveries(t *testing.T) {
	var names []string
	for name, r := range Deliveries("abc") {
		names = append(names, name)
		got, err := io.ReadAll(r)
		require.NoError(t, err)
		require.Equal(t, "abc", string(got), name)
	}
	require.Equal(t, []string{"whole", "octets", "cut=1", "cut=2"}, names)
}
