import Glibc
import ServiceTesting
import Testing

@testable import ECSTransformer

@Suite("The command map")
struct MapCommandTests {
    private static func line(_ number: Int) -> String {
        #"{"timestamp":"2026-02-01T12:34:56.123456+0000","event_type":"stats","n":\#(number)}"#
    }

    @Test("Documents keep the order of the lines, rejects are told with their line, and the status says so")
    func order() throws {
        let directory = try TemporaryDirectory()
        let first = directory.file("a.json")
        try write(Self.line(1) + "\n\nnonsense\r\n" + Self.line(2) + "\r\n", to: first)
        let second = directory.file("b.json")
        try write(Self.line(3), to: second)
        let (status, output, errors) = try run([first, second], in: directory)
        #expect(status == 1)
        #expect(output.split(separator: "\n").map { $0.contains("\"n\":") } == [true, true, true])
        for (line, number) in zip(output.split(separator: "\n"), 1...) { #expect(line.contains("\"n\":\(number)}")) }
        #expect(errors == "\(first):3: not JSON: unexpected byte at byte 1\n")
    }

    @Test("A file that is not there is told, the others are mapped all the same")
    func missing() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("a.json")
        try write(Self.line(1) + "\n", to: path)
        let (status, output, errors) = try run([directory.file("none.json"), path], in: directory)
        #expect(status == 2 && output.split(separator: "\n").count == 1)
        #expect(errors == "\(directory.file("none.json")): No such file or directory\n")
    }

    @Test("Bulk lines stand before their documents, with ids that a second run gives again")
    func bulk() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("a.json")
        try write(Self.line(1) + "\n" + Self.line(1) + "\n" + #"{"event_type":"stats"}"#, to: path)
        let (status, output, _) = try run(["--bulk", path], in: directory)
        let lines = output.split(separator: "\n")
        #expect(status == 0 && lines.count == 6)
        let front = #"{"create":{"_index":"suricata-2026.02.01","_id":""#
        #expect(lines[0].hasPrefix(front) && lines[2].hasPrefix(front) && lines[0] != lines[2])
        #expect(lines[4].contains(#""_id":"0000000000"#), "no time of its own")
        let again = try run(["--bulk", path], in: directory).output.split(separator: "\n")
        #expect([again[0], again[2]] == [lines[0], lines[2]])
        #expect(String(again[4].suffix(40)) == String(lines[4].suffix(40)))
    }

    @Test("A line over the limit is told and skipped; lines around it are not touched", .timeLimit(.minutes(1)))
    func oversize() throws {
        let directory = try TemporaryDirectory()
        let path = directory.file("a.json")
        let huge = #"{"payload":""# + String(repeating: "A", count: 9 << 20) + #""}"#
        try write(Self.line(1) + "\n" + huge + "\n" + Self.line(2) + "\n", to: path)
        let (status, output, errors) = try run([path], in: directory)
        #expect(status == 1 && output.split(separator: "\n").count == 2)
        #expect(errors == "\(path):2: longer than 8388608 bytes: \(huge.utf8.count)\n")
    }

    @Test(
        "Mistakes in the command line",
        arguments: [
            (["--bulks"], "unknown option `--bulks`"), (["--sensor"], "--sensor takes a value"),
            (["--home-networks", "home"], "home is not a network"),
            (["--community-id-seed", "65536"], "--community-id-seed takes 0 to 65535"),
            (["--bulk", "--index-prefix", "Big"], "Big"),
        ])
    func mistakes(_ arguments: [String], _ message: String) throws {
        #expect {
            let command = try MapCommand(arguments)
            _ = try command.makeRun(output: -1, errors: -1)
        } throws: {
            "\($0)".contains(message)
        }
    }

    private func run(
        _ arguments: [String], in directory: TemporaryDirectory
    ) throws -> (status: Int32, output: String, errors: String) {
        let command = try MapCommand(arguments)
        let (output, errors) = (directory.file("output"), directory.file("errors"))
        let flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC
        let descriptors = [output, errors].map { (path: String) in open(path, flags, 0o600) }
        defer { for descriptor in descriptors { close(descriptor) } }
        var run = try command.makeRun(output: descriptors[0], errors: descriptors[1])
        let status = run.map(command.paths, lineBytesMax: MapCommand.lineBytesMax)
        return (status, try read(output), try read(errors))
    }

    private func write(_ text: String, to path: String) throws {
        let file = try #require(fopen(path, "w"))
        defer { fclose(file) }
        let bytes = Array(text.utf8)
        #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
    }

    private func read(_ path: String) throws -> String {
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }
}
