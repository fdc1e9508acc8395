module github.com/seed-489864d5/h1/conformance

go 1.26.0

require (
	github.com/seed-489864d5/h1 v0.0.0-00010101000000-000000000000
	github.com/valyala/fasthttp v1.77.0
)

require (
	github.com/klauspost/compress v1.20.3 // indirect
	github.com/molecule-man/go-brrr v1.3.0 // indirect
	github.com/valyala/bytebufferpool v1.0.0 // indirect
)

replace github.com/seed-489864d5/h1 => ../
