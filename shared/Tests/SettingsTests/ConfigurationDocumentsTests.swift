import Configuration
import Foundation
import Settings
import Testing

@Suite struct ConfigurationDocumentsTests {
    private static let repository = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// `UPDATE_DOCS=1` in the environment writes the documents instead of comparing them.
    @Test(arguments: ["docs/configuration.md", "config.example.yaml"])
    func documentsAreCurrent(path: String) throws {
        let text = path.hasSuffix(".md") ? ConfigurationDocuments.reference : ConfigurationDocuments.example
        let file = Self.repository.appendingPathComponent(path)
        if ProcessInfo.processInfo.environment["UPDATE_DOCS"] == "1" {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        let isCurrent = try String(contentsOf: file, encoding: .utf8) == text
        #expect(isCurrent, "\(path) is old: run the tests of Settings with UPDATE_DOCS=1 and look at what changed")
    }

    @Test func theExampleChangesNothing() {
        let reader = reader(ConfigurationDocuments.example)
        #expect(reader.problems.isEmpty)
        #expect(reader.effective.allSatisfy { !$0.origin.isSet })
    }

    /// With the `#` taken away each line of the example is a valid setting, and that of the default.
    @Test func theExampleHoldsTheDefaults() {
        let lines = ConfigurationDocuments.example.split(separator: "\n", omittingEmptySubsequences: false)
        let text = lines.map { line in
            line.hasPrefix("  #") && !line.hasPrefix("  # ") && !line.contains("_file: /run/secrets")
                && !line.contains("# default:") ? "  " + line.dropFirst(3) : String(line)
        }
        let reader = reader(text.joined(separator: "\n"))
        #expect(reader.problems.map(\.description) == [])
        let defaults = self.reader("")
        #expect(reader.effective.map(\.text) == defaults.effective.map(\.text))
        #expect(reader.effective.filter { !$0.origin.isSet }.count < 10)
    }

    private func reader(_ text: String) -> ConfigurationReader {
        let file = ConfigurationFile(path: "config.example.yaml", bytes: Array(text.utf8))
        let reader = ConfigurationReader(ConfigurationSources(file: file), sections: SettingsCatalog.sections)
        SettingsCatalog.readAll(from: reader)
        return reader
    }
}
