<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name>ExclusionsDialog</name>
    <message numerus="yes">
        <source>and %Ln more</source>
        <translation>
            <numerusform>and %Ln more</numerusform>
            <numerusform>and %Ln more</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>FolderChanges</name>
    <message numerus="yes">
        <source>%Ln of {total} photo(s) in “{folder}” vanished at once. They are kept until you choose “Forget missing…” in “Folders”.</source>
        <translation>
            <numerusform>%Ln of {total} photos in “{folder}” vanished. It is kept until you choose “Forget missing…” in “Folders”.</numerusform>
            <numerusform>%Ln of {total} photos in “{folder}” vanished at once. They are kept until you choose “Forget missing…” in “Folders”.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>FoldersDialog</name>
    <message numerus="yes">
        <source>%Ln photo(s) vanished at once and are kept until you choose “Forget missing…”</source>
        <translation>
            <numerusform>%Ln photo vanished and is kept until you choose “Forget missing…”</numerusform>
            <numerusform>%Ln photos vanished at once and are kept until you choose “Forget missing…”</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln photo(s) are only in the cloud and left out</source>
        <translation>
            <numerusform>%Ln photo is only in the cloud and left out</numerusform>
            <numerusform>%Ln photos are only in the cloud and left out</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>and %Ln more</source>
        <translation>
            <numerusform>and %Ln more</numerusform>
            <numerusform>and %Ln more</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>photofind forgets up to %Ln photo(s) that are not there. No file is touched.</source>
        <translation>
            <numerusform>photofind forgets %Ln photo that is not there. No file is touched.</numerusform>
            <numerusform>photofind forgets up to %Ln photos that are not there. No file is touched.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln problem(s)</source>
        <translation>
            <numerusform>%Ln problem</numerusform>
            <numerusform>%Ln problems</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>photofind forgets its %Ln photo(s). Your files stay where they are.</source>
        <translation>
            <numerusform>photofind forgets its %Ln photo. Your files stay where they are.</numerusform>
            <numerusform>photofind forgets its %Ln photos. Your files stay where they are.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ModelsDialog</name>
    <message numerus="yes">
        <source>%Ln photo(s) are looked at again when the model is used again.</source>
        <translation>
            <numerusform>%Ln photo is looked at again when the model is used again.</numerusform>
            <numerusform>%Ln photos are looked at again when the model is used again.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>PhotoActions</name>
    <message numerus="yes">
        <source>Copied %Ln photo(s)</source>
        <translation>
            <numerusform>Copied %Ln photo</numerusform>
            <numerusform>Copied %Ln photos</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Copied %Ln path(s)</source>
        <translation>
            <numerusform>Copied %Ln path</numerusform>
            <numerusform>Copied %Ln paths</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ProblemsDialog</name>
    <message numerus="yes">
        <source>%Ln file(s) could not be read.</source>
        <translation>
            <numerusform>%Ln file could not be read.</numerusform>
            <numerusform>%Ln files could not be read.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln could be read only in part.</source>
        <translation>
            <numerusform>%Ln could be read only in part.</numerusform>
            <numerusform>%Ln could be read only in part.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln file(s) are read again; what still fails appears here.</source>
        <translation>
            <numerusform>%Ln file is read again; if it still fails, it appears here.</numerusform>
            <numerusform>%Ln files are read again; what still fails appears here.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ResultHeader</name>
    <message numerus="yes">
        <source>%Ln by name, date or words</source>
        <translation>
            <numerusform>%Ln by name, date or words</numerusform>
            <numerusform>%Ln by name, date or words</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln likely match(es)</source>
        <translation>
            <numerusform>%Ln likely match</numerusform>
            <numerusform>%Ln likely matches</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>StatusBar</name>
    <message numerus="yes">
        <source>%Ln problem(s)</source>
        <translation>
            <numerusform>%Ln problem</numerusform>
            <numerusform>%Ln problems</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln away</source>
        <comment>photos on drives that are not there</comment>
        <translation>
            <numerusform>%Ln away</numerusform>
            <numerusform>%Ln away</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>words</name>
    <message numerus="yes">
        <source>%Ln photo(s)</source>
        <translation>
            <numerusform>%Ln photo</numerusform>
            <numerusform>%Ln photos</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>about %Ln minute(s)</source>
        <translation>
            <numerusform>about %Ln minute</numerusform>
            <numerusform>about %Ln minutes</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>about %Ln hour(s)</source>
        <translation>
            <numerusform>about %Ln hour</numerusform>
            <numerusform>about %Ln hours</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>about %Ln day(s)</source>
        <translation>
            <numerusform>about %Ln day</numerusform>
            <numerusform>about %Ln days</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>about %Ln minute(s) left</source>
        <translation>
            <numerusform>about %Ln minute left</numerusform>
            <numerusform>about %Ln minutes left</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>about %Ln hour(s) left</source>
        <translation>
            <numerusform>about %Ln hour left</numerusform>
            <numerusform>about %Ln hours left</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>about %Ln day(s) left</source>
        <translation>
            <numerusform>about %Ln day left</numerusform>
            <numerusform>about %Ln days left</numerusform>
        </translation>
    </message>
</context>
</TS>
