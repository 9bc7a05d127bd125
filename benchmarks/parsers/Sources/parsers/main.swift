// Reads NDJSON files and prints, for each parser, the CPU time per million lines and the bytes per second.
//
//     zstd -dc s7.ndjson.zst > /tmp/s7.ndjson && swift run -c release parsers /tmp/s7.ndjson

compareParsers(Corpus(Array(CommandLine.arguments.dropFirst())))
