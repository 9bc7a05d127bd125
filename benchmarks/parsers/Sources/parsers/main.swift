// Reads NDJSON files and prints, for each parser, the CPU time per million lines and the bytes per second.
//
//     zstd -dc s7.ndjson.zst > /tmp/s7.ndjson && swift run -c release parsers /tmp/s7.ndjson
//
// With --simdjson in front only simdjson's bare parse is measured.

let arguments = CommandLine.arguments.dropFirst()
if arguments.first == "--simdjson" {
    measureSimdjson(Corpus(Array(arguments.dropFirst())))
} else {
    compareParsers(Corpus(Array(arguments)))
}
