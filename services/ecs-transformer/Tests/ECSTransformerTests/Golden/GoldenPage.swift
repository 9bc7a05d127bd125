import Foundation

/// The part of `docs/ecs-mapping.md` that is made of the samples.
enum GoldenPage {
    static let file = GoldenSample.folder.deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("docs/ecs-mapping.md")

    private static let start = "<!-- samples -->\n"
    private static let end = "<!-- end of samples -->\n"

    /// What comes about in the same way in every document, so that one table for all tells it.
    private static let everywhere: Set<String> = [
        "@timestamp", "ecs.version", "event.dataset", "event.module", "network.community_id", "network.direction",
        "network.iana_number", "network.transport", "network.type", "observer.hostname",
        "observer.ingress.interface.name", "observer.name", "observer.product", "observer.type", "observer.vendor",
        "observer.version",
    ]

    /// The page with all samples in their place; nil when the page does not say where that is.
    static func updated(_ page: String, _ samples: [GoldenSample]) -> String? {
        guard let front = page.range(of: start), let back = page.range(of: end), front.upperBound <= back.lowerBound
        else { return nil }
        return page[..<front.upperBound] + section(samples) + page[back.lowerBound...]
    }

    private static func section(_ samples: [GoldenSample]) -> String {
        let links = samples.map { "[\($0.name)](#sample-\(anchor($0.name)))" }.joined(separator: " · ")
        return "\n\(links)\n\n" + samples.map(text).joined()
    }

    private static func text(_ sample: GoldenSample) -> String {
        """
        ### Sample: \(sample.name)

        <details><summary>Event, document and fields</summary>

        ```json
        \(sample.event)
        ```

        ```json
        \(sample.shortDocument)
        ```

        | ECS | value | EVE |
        |---|---|---|
        \(sample.rows.compactMap(row).joined(separator: "\n"))

        </details>


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

    private static func anchor(_ name: String) -> String { name.lowercased() }
}
