import Testing

@testable import EveReader

@Suite("Names of the output")
struct EveNamesTests {
    @Test(
        "In a directory",
        arguments: [
            ("eve.json", EveNames.Kind.current), ("eve.1.json", .current), ("eve.12.json", .current),
            ("eve-2026-02-01.json", .dated(row: "eve-#-#-#.json")),
            ("eve.2026.02.01.json", .dated(row: "eve.#.#.#.json")),
            ("eve.json.1", .rotated), ("eve.json-20260201", .rotated), ("eve-dns.json", .rotated),
            ("eve_alerts.json", .rotated), ("eve.json.1.gz", .other), ("eve.json.zst", .other),
            ("evebox.json", .other), ("fast.log", .other), ("stats.log", .other), ("eve", .other),
            (".eve.json.swp", .other),
        ])
    func directory(name: String, kind: EveNames.Kind) {
        #expect(EveNames.directory.kind(of: name) == kind)
    }

    @Test(
        "For one file",
        arguments: [
            ("eve.json", EveNames.Kind.current), ("eve.1.json", .current), ("eve.x.json", .rotated),
            ("eve-2026-02-01.json", .rotated), ("eve.json.1", .rotated), ("eve.json.2.gz", .other),
            ("other.json", .other),
        ])
    func file(name: String, kind: EveNames.Kind) {
        #expect(EveNames(file: "eve.json").kind(of: name) == kind)
    }

    @Test("For one file in a single pass")
    func singlePass() {
        let names = EveNames(file: "eve.json", includesThreads: false)
        #expect(names.kind(of: "eve.json") == .current)
        #expect(names.kind(of: "eve.1.json") == .rotated)
    }

    @Test(
        "For a file without extension",
        arguments: [
            ("events", EveNames.Kind.current), ("events.1", .rotated), ("events.1.gz", .other), ("events2", .rotated),
        ])
    func plain(name: String, kind: EveNames.Kind) {
        #expect(EveNames(file: "events").kind(of: name) == kind)
    }
}
