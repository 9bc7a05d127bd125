import EventContract

/// A dead letter with its place in the stream. In a list it has no more than the front of its bytes.
struct StoredLetter: Sendable {
    /// What the bytes of a letter are.
    enum Kind: String, Sendable, CaseIterable {
        /// A line as the sensor wrote it, or a part of one.
        case line
        /// A document that a store has refused.
        case document
        /// An entry of a stream: a whole batch, or what should have been one.
        case entry
    }

    /// The id of its entry in the stream, by which letters are ordered; the newest has the highest.
    let id: String
    let letter: DeadLetter
    /// How many bytes it keeps.
    let byteCount: Int

    var kind: Kind { letter.origin.documentID != nil ? .document : letter.origin.offset != nil ? .line : .entry }

    /// Whether a person may change its bytes before they go back.
    var isEditable: Bool { kind != .entry && !letter.isShared && (kind == .line || documentID != nil) }

    /// Why its bytes cannot go back as they are, as a sentence; nil when they can.
    var obstacle: String? {
        if letter.size > byteCount {
            return "Only the first \(byteCount) of \(letter.size) bytes were kept."
        }
        if letter.isShared { return "It holds several records of one entry, and says of the first alone what it was." }
        switch kind {
        case .line: return nil
        case .document: return documentID == nil ? "It does not say which document it is." : nil
        case .entry: return batch == nil ? "Its bytes are no batch that this release knows." : nil
        }
    }

    /// The id of the document, which the stores recognise it by.
    var documentID: EventID? { letter.origin.documentID.flatMap { EventID($0) } }

    /// What a whole batch says about itself; nil for what is none.
    var batch: BatchFront? { kind == .entry ? BatchFront(letter.bytes) : nil }
}
