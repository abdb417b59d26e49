"""The catalog's schema, one numbered step a function; a step that has been released is never edited."""

from __future__ import annotations

import uuid

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

from photofind.core.catalog.old_reasons import store_keys

catalog_migrations = Migrations("catalog")


@catalog_migrations()
def m001_folders_photos_embeddings(db: Database) -> None:
    """Create the first schema.

    `photo.path` is relative to its folder and bytes (invariant 10); `state` is 0 pending,
    1 done, 2 failed, for the model being embedded for; `gone_since` hides a photo whose file is
    missing until it comes back or has been missing for long. `embedding.label` is the vector
    index's label: AUTOINCREMENT never gives one twice. `removed_vector` tells the vector index's
    caches what to drop; they are rebuildable at any time, this file is the truth.
    """
    db.executescript(
        """
        CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL);
        CREATE TABLE folder (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            path BLOB NOT NULL UNIQUE,
            device INTEGER,
            online INTEGER NOT NULL DEFAULT 1
        );
        CREATE TABLE photo (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            folder_id INTEGER NOT NULL REFERENCES folder(id),
            path BLOB NOT NULL,
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL,
            ctime_ns INTEGER NOT NULL,
            inode INTEGER NOT NULL,
            device INTEGER NOT NULL,
            state INTEGER NOT NULL DEFAULT 0,
            changed INTEGER NOT NULL DEFAULT 0,
            reason TEXT,
            failed_since REAL,
            gone_since REAL,
            sort_time REAL NOT NULL,
            content_hash BLOB,
            width INTEGER,
            height INTEGER,
            taken TEXT,
            camera TEXT,
            latitude REAL,
            longitude REAL,
            UNIQUE (folder_id, path)
        );
        CREATE INDEX photo_by_inode ON photo (inode, size);
        CREATE INDEX photo_by_content ON photo (content_hash) WHERE content_hash IS NOT NULL;
        CREATE INDEX photo_counts ON photo (folder_id, state) WHERE gone_since IS NULL;
        CREATE INDEX photo_pending ON photo (sort_time) WHERE state = 0 AND gone_since IS NULL;
        CREATE INDEX photo_newest ON photo (sort_time)
            WHERE width IS NOT NULL AND state != 2 AND gone_since IS NULL;
        CREATE INDEX photo_gone ON photo (gone_since) WHERE gone_since IS NOT NULL;
        CREATE VIRTUAL TABLE photo_words USING fts5(words, tokenize = 'unicode61 remove_diacritics 2');
        CREATE TABLE unreadable_directory (
            folder_id INTEGER NOT NULL REFERENCES folder(id),
            path BLOB NOT NULL,
            reason TEXT NOT NULL,
            since REAL NOT NULL,
            PRIMARY KEY (folder_id, path)
        );
        CREATE TABLE model (
            id INTEGER PRIMARY KEY,
            model_id TEXT NOT NULL UNIQUE,
            name TEXT NOT NULL,
            dim INTEGER NOT NULL
        );
        CREATE TABLE embedding (
            label INTEGER PRIMARY KEY AUTOINCREMENT,
            model INTEGER NOT NULL REFERENCES model(id),
            photo_id INTEGER NOT NULL REFERENCES photo(id),
            vector BLOB NOT NULL,
            UNIQUE (photo_id, model)
        );
        CREATE INDEX embedding_by_model ON embedding (model);
        CREATE TABLE removed_vector (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            model INTEGER NOT NULL,
            label INTEGER NOT NULL
        );
        CREATE TRIGGER embedding_removed AFTER DELETE ON embedding BEGIN
            INSERT INTO removed_vector (model, label) VALUES (old.model, old.label);
        END;
        """
    )


@catalog_migrations()
def m002_volumes_flaws_checksums(db: Database) -> None:
    """Know drives by more than their device number, and tell damage from content.

    `photo.missing`: 1 not there at the last look, but too many vanished at once to believe it; 2 not there
    when it was to be read, for the next look to decide. `photo.flaw`:
    what is damaged in a photo that could be read in part. `photo.words_due`: it was moved, and its words are
    still those of the old place. `embedding.crc`: CRC-32 of the vector. The
    setting `library` names this very file: caches made from another one are not used.
    """
    db.executescript(
        """
        ALTER TABLE folder ADD COLUMN volume TEXT;
        ALTER TABLE folder ADD COLUMN drive TEXT NOT NULL DEFAULT '';
        ALTER TABLE folder ADD COLUMN away_since REAL;
        ALTER TABLE folder ADD COLUMN in_cloud INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE photo ADD COLUMN missing INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE photo ADD COLUMN flaw TEXT;
        ALTER TABLE photo ADD COLUMN words_due INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE embedding ADD COLUMN crc INTEGER NOT NULL DEFAULT 0;
        CREATE TABLE removed_photo (id INTEGER PRIMARY KEY);
        CREATE TRIGGER photo_removed AFTER DELETE ON photo BEGIN
            INSERT INTO removed_photo VALUES (old.id);
        END;
        CREATE INDEX photo_missing ON photo (folder_id) WHERE missing AND gone_since IS NULL;
        CREATE INDEX photo_words_due ON photo (id) WHERE words_due;
        CREATE INDEX photo_flawed ON photo (id) WHERE flaw IS NOT NULL;
        """
    )
    db.execute("UPDATE embedding SET crc = coalesce(crc32(vector), 0)")  # NULL for what is no vector at all
    db.execute("INSERT OR IGNORE INTO setting VALUES ('library', ?)", [uuid.uuid4().hex])


@catalog_migrations()
def m003_embedded_again(db: Database) -> None:
    """Know what waits for nothing but another model, and which embeddings stand in for better ones.

    `photo.again`: 1 pending only because another model is to be used; 2 and its thumbnail will do for that.
    What was pending so far and has an embedding takes part. `embedding.stand_in`: made from a thumbnail
    because the original could not be opened; its photo stays pending.
    """
    db.executescript(
        """
        ALTER TABLE photo ADD COLUMN again INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE embedding ADD COLUMN stand_in INTEGER NOT NULL DEFAULT 0;
        DROP INDEX photo_pending;
        CREATE INDEX photo_pending ON photo (sort_time)
            WHERE state = 0 AND gone_since IS NULL AND (again != 2 OR changed);
        CREATE INDEX photo_by_thumbnail ON photo (folder_id)
            WHERE state = 0 AND gone_since IS NULL AND again = 2 AND NOT changed;
        UPDATE photo SET again = 1
            WHERE state = 0 AND NOT changed AND id IN (SELECT photo_id FROM embedding);
        """
    )


@catalog_migrations()
def m004_reasons_by_key(db: Database) -> None:
    """Store why a photo or folder cannot be read, and what is damaged in a photo, as keys instead of English."""
    store_keys(db)


@catalog_migrations()
def m005_said_by_the_file(db: Database) -> None:
    """Keep what photos' files say of them in words: keywords, title, caption, people, places; one a line."""
    db.execute("CREATE TABLE said (photo_id INTEGER PRIMARY KEY REFERENCES photo(id), words TEXT NOT NULL)")


@catalog_migrations()
def m006_facts(db: Database) -> None:
    """Keep what photos' files say of them beside the photos' rows, and which reader read it.

    `photo.facts_version`: 0 was read by none of those that know more than date, camera and place. `tag` has each
    keyword, person, place and trait once, `folded` to be found by; `tagged` says which photos have it. `sidecar`: the
    files beside photos that say something of them, as the last look found them.
    """
    db.executescript(
        """
        ALTER TABLE photo ADD COLUMN facts_version INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX photo_facts_due ON photo (folder_id, facts_version)
            WHERE width IS NOT NULL AND state != 2 AND gone_since IS NULL;
        CREATE TABLE facts (
            photo_id INTEGER PRIMARY KEY REFERENCES photo(id),
            taken_from TEXT,
            zone TEXT,
            lens TEXT,
            aperture REAL,
            shutter REAL,
            iso INTEGER,
            focal_length REAL,
            kind TEXT,
            title TEXT,
            caption TEXT,
            rating INTEGER
        );
        CREATE TABLE tag (
            id INTEGER PRIMARY KEY,
            kind TEXT NOT NULL,
            name TEXT NOT NULL,
            folded TEXT NOT NULL,
            UNIQUE (kind, name)
        );
        CREATE INDEX tag_by_folded ON tag (kind, folded);
        CREATE TABLE tagged (
            photo_id INTEGER NOT NULL REFERENCES photo(id),
            tag_id INTEGER NOT NULL REFERENCES tag(id)
        );
        CREATE INDEX tagged_photo ON tagged (photo_id);
        CREATE INDEX tagged_by_tag ON tagged (tag_id, photo_id);
        CREATE TABLE sidecar (
            folder_id INTEGER NOT NULL REFERENCES folder(id),
            path BLOB NOT NULL,
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL,
            PRIMARY KEY (folder_id, path)
        );
        CREATE TRIGGER facts_removed AFTER DELETE ON photo BEGIN
            DELETE FROM facts WHERE photo_id = old.id;
            DELETE FROM tagged WHERE photo_id = old.id;
        END;
        """
    )


@catalog_migrations()
def m007_any_part_of_a_word(db: Database) -> None:
    """Find photos by any part of their words, and by when they were taken.

    `word_block` has the words of 64 photos a row, as `word_lines` says; they are filled in after opening, a slice at a
    time, up to the photo in the setting `words_to`. Until that is gone `photo_words` answers, and is dropped then.
    The index by which words that are due are found has to be there from now on: it is asked all the time.
    """
    db.execute("CREATE INDEX IF NOT EXISTS photo_words_due ON photo (id) WHERE words_due")
    db.execute("CREATE TABLE word_block (number INTEGER PRIMARY KEY, lines BLOB NOT NULL, crc INTEGER NOT NULL)")
    db.execute("CREATE INDEX photo_taken ON photo (taken) WHERE taken IS NOT NULL")
    if db.execute("SELECT EXISTS (SELECT 1 FROM photo)").fetchone()[0]:
        db.execute("INSERT OR REPLACE INTO setting VALUES ('words_to', '0')")
    else:
        db.execute("DROP TABLE photo_words")


@catalog_migrations()
def m008_drives_in_one_place(db: Database) -> None:
    """Tell apart the drives that are connected at one place in turn, and those inside a folder.

    A watched folder is a place and a drive: `folder.path` is no longer unique; `folder.instead` is said of one whose
    place shows something else. `folder.looked_to`: the photo up to
    which contents were looked at last, where nothing else tells of an edit; `photo.ends` is what such a look
    compares. `crossing`: where a folder leads elsewhere, by a link or to a drive that is mounted inside it; on which
    `volume` that lay, or for what `reason` it is not followed.
    """
    highest = db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'folder'").fetchone()
    db.execute("PRAGMA defer_foreign_keys = ON")
    db.execute("CREATE TABLE folder_before AS SELECT * FROM folder")
    db.execute("DROP TABLE folder")
    db.execute(
        """
        CREATE TABLE folder (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            path BLOB NOT NULL,
            device INTEGER,
            online INTEGER NOT NULL DEFAULT 1,
            volume TEXT,
            drive TEXT NOT NULL DEFAULT '',
            away_since REAL,
            in_cloud INTEGER NOT NULL DEFAULT 0,
            looked_to INTEGER NOT NULL DEFAULT 0,
            instead TEXT
        )
        """
    )
    kept = "id, path, device, online, volume, drive, away_since, in_cloud"
    db.execute(f"INSERT INTO folder ({kept}) SELECT {kept} FROM folder_before")
    db.execute("DROP TABLE folder_before")
    if highest is not None:
        db.execute("DELETE FROM sqlite_sequence WHERE name = 'folder'")
        db.execute("INSERT INTO sqlite_sequence VALUES ('folder', ?)", [highest[0]])
    db.execute("ALTER TABLE photo ADD COLUMN ends BLOB")
    db.execute(
        """
        CREATE TABLE crossing (
            folder_id INTEGER NOT NULL REFERENCES folder(id),
            path BLOB NOT NULL,
            is_link INTEGER NOT NULL,
            volume TEXT,
            reason TEXT,
            PRIMARY KEY (folder_id, path)
        )
        """
    )


@catalog_migrations()
def m009_photos_tried_again(db: Database) -> None:
    """Know which opener could not open a photo, or in part only: a newer one may."""
    db.execute("ALTER TABLE photo ADD COLUMN tried_by INTEGER NOT NULL DEFAULT 0")
    db.execute("CREATE INDEX photo_outgrown ON photo (folder_id, tried_by) WHERE state = 2 OR flaw IS NOT NULL")
