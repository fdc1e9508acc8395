//go:build !race

package h1

// raceBuild makes late use of what is reused visible: see its uses.
const raceBuild = false
