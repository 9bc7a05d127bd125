import Foundation

/// `docs/ecs-samples.md`, which is made of the samples.
enum GoldenPage {
    private static let docs = GoldenSample.folder.deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("docs")
    static let file = docs.appendingPathComponent("ecs-samples.md")
    /// The page that explains, written by hand.
    static let explanation = docs.appendingPathComponent("ecs-mapping.md")

    /// What comes about in the same way in every document, so that one table for all tells it.
    private static let everywhere: Set<String> = [
        "@timestamp", "ecs.version", "event.dataset", "event.module", "network.community_id", "network.direction",
        "network.iana_number", "network.transport", "network.type", "observer.hostname",
        "observer.ingress.interface.name", "observer.name", "observer.product", "observer.type", "observer.vendor",
        "observer.version",
    ]

    /// The whole page.
    static func text(_ samples: [GoldenSample]) -> String {
        let links = samples.map { "[\($0.name)](#\($0.name.lowercased()))" }.joined(separator: " · ")
        return """
            # A sample of each event type

            For each event type one event, its document, and a table that names for each field the member of the event that
            its value was taken from; where none is named, the value was made. The tables leave out what all documents have
            in the same way. What becomes of each member, and why, is in [ecs-mapping.md](ecs-mapping.md).

            This page is generated from the files in `services/ecs-transformer/Tests/Samples`, most of which are from the
            project's own recordings (`fixtures/`).

            \(links)

            \(samples.map(text).joined(separator: "\n\n"))

            """
    }

    private static func text(_ sample: GoldenSample) -> String {
        """
        ## \(sample.name)

        ```json
        \(sample.event)
        ```

        ```json
        \(sample.shortDocument)
        ```

        | ECS | value | EVE |
        |---|---|---|
        \(sample.rows.compactMap(row).joined(separator: "\n"))
        """
    }

    private static func row(_ row: GoldenSample.Row) -> String? {
        let fields = row.fields.filter { !everywhere.contains($0) }
        guard !fields.isEmpty else { return nil }
        let member = row.member.map { "`\($0)`" } ?? ""
        return "| `\(fields.joined(separator: "`, `"))` | \(code(row.value)) | \(member) |"
    }

    /// A value that stands in a cell, cut where it is long.
    private static func code(_ value: String) -> String {
        let text = value.count > 60 ? value.prefix(57) + "…" : value[...]
        return "`" + text.replacingOccurrences(of: "`", with: "'").replacingOccurrences(of: "|", with: "\\|") + "`"
    }
}
