import Foundation
import Testing

@testable import ECSTransformer

/// `UPDATE_DOCS=1` in the environment writes documents and page anew instead of comparing them.
@Suite("Golden samples", .serialized)
struct GoldenTests {
    private static let isUpdating = ProcessInfo.processInfo.environment["UPDATE_DOCS"] == "1"

    @Test("Each sample becomes the document that was agreed on", arguments: GoldenSample.names)
    func document(_ name: String) throws {
        let sample = try GoldenSample.named(name)
        if Self.isUpdating { try Data(sample.document.utf8).write(to: sample.agreedDocument) }
        let agreed = try? String(contentsOf: sample.agreedDocument, encoding: .utf8)
        #expect(sample.document == agreed, "run the tests `Golden` with UPDATE_DOCS=1 and look at what changed")
    }

    @Test("docs/ecs-samples.md shows the samples as they are")
    func page() throws {
        let page = GoldenPage.text(try GoldenSample.all.get())
        if Self.isUpdating { try Data(page.utf8).write(to: GoldenPage.file) }
        let isCurrent = try String(contentsOf: GoldenPage.file, encoding: .utf8) == page
        #expect(isCurrent, "docs/ecs-samples.md is old: run the tests `Golden` with UPDATE_DOCS=1")
    }

    @Test("Each event type has a sample, a file of its own and a row or a chapter", arguments: LineMapper.typeNames)
    func completeness(_ type: String) throws {
        let sample = try GoldenSample.named(type == "other" ? "unknown" : type)
        let shown = LineMapper.typeNames[sample.typeIndex]
        // These two are objects in events of other types.
        #expect(shown == type || ["email", "rpc"].contains(type), "the sample is of type \(shown)")
        guard type != "other" else { return }
        #expect(Self.filesDeclaring(type).count == 1, "\(Self.filesDeclaring(type))")
        let prose = try String(contentsOf: GoldenPage.explanation, encoding: .utf8).split(separator: "\n")
        let isExplained = prose.contains {
            $0 == "## \(type)" || $0.hasPrefix("| ") && $0.dropFirst(2).prefix { $0 != "|" }.contains("`\(type)`")
        }
        #expect(isExplained, "docs/ecs-mapping.md does not explain \(type)")
    }

    /// The files that declare a type with that name and nothing else.
    private static func filesDeclaring(_ type: String) -> [String] {
        let folder = GoldenSample.folder.deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Sources/ECSTransformer/EventTypes")
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { file in
            let text = (try? String(contentsOf: folder.appendingPathComponent(file), encoding: .utf8)) ?? ""
            let declarations = text.components(separatedBy: "= EventType(").dropFirst()
            return declarations.count == 1 && declarations.contains { $0.contains("name: \"\(type)\"") }
        }
    }
}
