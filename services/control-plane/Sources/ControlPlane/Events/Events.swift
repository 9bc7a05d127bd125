import Logging

/// All that concerns events: the index that follows the store, what people decide, and the API over both.
struct Events: Sendable {
    let indexer: Indexer
    let readers: EventReaders
    let api: EventsAPI

    /// - Parameters:
    ///   - store: path of the event store; it may appear later.
    ///   - folder: the data folder, for the index and for what people decide.
    ///   - cloud: the events in OpenSearch.
    ///   - audit: what is recorded of that.
    /// - Throws: `SQLiteError`, ``Schema/NewerError``.
    init(store: String, folder: String, cloud: CloudEvents?, audit: AuditLog, logger: Logger) throws {
        let index = folder + "/index.db"
        let triage = try Triage(in: folder)
        readers = try EventReaders(EventReader.Paths(store: store, index: index, folder: folder), triage: triage)
        indexer = Indexer(path: index, storePath: store, triage: triage, logger: logger)
        api = EventsAPI(readers: readers, triage: triage, indexer: indexer, cloud: cloud, audit: audit)
    }
}
