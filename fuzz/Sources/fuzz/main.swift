// The fuzzer of the mapping; scripts/fuzz builds and runs it. Its arguments are those of libFuzzer, or
//
//   fuzz --judge FILE...     prints for each file whether it is JSON, and its path
//
// FUZZ_CITY_FILE and FUZZ_ASN_FILE name databases of addresses in MaxMind's format.

import CFuzzing
import Glibc

enum Fuzzing {
    // Only the driver's one thread takes inputs.
    nonisolated(unsafe) static let target = MappingTarget(
        city: getenv("FUZZ_CITY_FILE").map { String(cString: $0) },
        asn: getenv("FUZZ_ASN_FILE").map { String(cString: $0) })
}

if CommandLine.arguments.dropFirst().first == "--judge" {
    for path in CommandLine.arguments.dropFirst(2) {
        let bytes = content(of: path)
        print(judge_json(bytes, bytes.count).problem == nil ? "good" : "bad", path)
    }
    exit(0)
}

#if LIBFUZZER
    var argumentCount = CommandLine.argc
    var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
    let status = LLVMFuzzerRunDriver(&argumentCount, &arguments) { bytes, count in
        Fuzzing.target.take(UnsafeRawBufferPointer(start: bytes, count: count))
        return 0
    }
    exit(status)
#else
    var driver = MutatingDriver(Array(CommandLine.arguments.dropFirst()))
    driver.run(Fuzzing.target.take)
#endif
