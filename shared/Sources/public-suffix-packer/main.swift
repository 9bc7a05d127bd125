import FoundationEssentials
import Glibc

// Turns the public suffix list (https://publicsuffix.org/list/, Debian's package `publicsuffix`) into a Swift source
// that holds it as one string literal. A literal lies in the binary as it is: nothing is parsed at start.

guard CommandLine.arguments.count == 3 else { fail("usage: public-suffix-packer LIST OUTPUT") }
let (list, output) = (CommandLine.arguments[1], CommandLine.arguments[2])

guard let text = try? String(contentsOf: URL(filePath: list), encoding: .utf8) else {
    fail("cannot read \(list): install Debian's package publicsuffix")
}
let rules = PackedRules(list: text)
guard rules.count > 1_000 else { fail("\(list) holds only \(rules.count) rules: it is not the public suffix list") }

do {
    try rules.swiftSource.write(to: URL(filePath: output), atomically: true, encoding: .utf8)
} catch {
    fail("cannot write \(output): \(error)")
}

func fail(_ message: String) -> Never {
    let line = Array("public-suffix-packer: \(message)\n".utf8)
    _ = write(STDERR_FILENO, line, line.count)
    exit(1)
}
