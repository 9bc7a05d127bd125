/// A text that no log, error or dump may show: everything but `reveal()` gives a mask.
public struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// What stands in place of a secret.
    public static let mask = "********"

    private let text: String

    /// Wraps a text; the empty text means that there is no secret.
    public init(_ text: String = "") {
        self.text = text
    }

    /// Whether there is no secret.
    public var isEmpty: Bool { text.isEmpty }

    /// The text itself, for the one place that must send it.
    public func reveal() -> String { text }

    /// A text with the mask in the place of what stands before its last `@`, as user and password do in a URL.
    public static func withholdingCredentials(in text: String) -> String {
        guard let at = text.lastIndex(of: "@") else { return text }
        let scheme = text.firstRange(of: "://").map { $0.upperBound <= at ? text[..<$0.upperBound] : "" } ?? ""
        return scheme + mask + text[at...]
    }

    /// The mask, also for the empty secret, so that not even its absence shows.
    public var description: String { Self.mask }

    /// The mask.
    public var debugDescription: String { Self.mask }

    /// Empty, so that `dump()` and string interpolation of a containing value find nothing.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
