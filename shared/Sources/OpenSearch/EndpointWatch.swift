import Files
import Lifecycle
public import Settings

/// Follows the file that says where OpenSearch is, while the process runs.
public struct EndpointWatch {
    /// What a look at the file has shown.
    public enum News {
        /// OpenSearch is here now: the settings by which it is reached.
        case moved(OpenSearchSettings)
        /// The file does not say where, and nothing more is told until it says something else, or is broken in another way.
        /// Of one that is broken holds what it said before; one that is gone has taken that back, and tells it anew when it
        /// comes again.
        case trouble(EndpointFileError)
    }

    /// A domain takes minutes to be made, and a look costs one system call.
    private static let lookMilliseconds = 1_000

    private let settings: OpenSearchSettings
    private let path: String
    private var interval = Interval(milliseconds: Self.lookMilliseconds)
    private var seen: FileFacts?
    private var told: EndpointFile?
    private var trouble: String?

    /// - Parameters:
    ///   - path: where the file is, or will be.
    ///   - settings: what is the same wherever OpenSearch is.
    public init(_ path: String, for settings: OpenSearchSettings) {
        (self.path, self.settings) = (path, settings)
    }

    /// How long until the next look, in milliseconds.
    public var remainingMilliseconds: Int { interval.remainingMilliseconds }

    /// Looks at the file if it is time to.
    ///
    /// - Returns: what is new; the first look finds something in any case.
    public mutating func look() -> News? {
        guard interval.restartIfDue() else { return nil }
        // Taken before the content: what is replaced in between is seen the next time.
        let facts = try? FileFacts(path: path)
        if let facts, facts == seen, trouble == nil { return nil }
        seen = facts
        do throws(EndpointFileError) {
            let file = try EndpointFile(contentsOf: path)
            trouble = nil
            guard file != told else { return nil }
            told = file
            return .moved(settings.at(file))
        } catch {
            guard error.description != trouble else { return nil }
            trouble = error.description
            if error.code == .missing { told = nil }
            return .trouble(error)
        }
    }
}

extension OpenSearchSettings {
    /// The same for the OpenSearch that a file tells of.
    func at(_ file: EndpointFile) -> OpenSearchSettings {
        var settings = self
        settings.endpoint = file.endpoint
        settings.aws.region = aws.region ?? file.region
        settings.isManaged = file.isManaged
        return settings
    }

    /// The same with what the endpoint file says now, where one is set.
    ///
    /// - Throws: ``EndpointFileError``.
    public func located() throws(EndpointFileError) -> OpenSearchSettings {
        guard let endpointFile else { return self }
        return at(try EndpointFile(contentsOf: endpointFile))
    }
}
