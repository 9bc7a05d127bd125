/// What zstd could not do, in its own words.
public struct ZstdError: Error, Equatable, CustomStringConvertible {
    /// The reason, for people.
    public var description: String

    init(_ description: String) {
        self.description = description
    }
}
