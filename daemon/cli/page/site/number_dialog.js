// Adds a number, or changes one.

import {call} from './connect.js';
import {Dialog, Field, Form, switchedOn, switchInput, textInput} from './dialog.js';
import {h} from './elements.js';
import {notify} from './shell.js';

// `number` is the one to change, or null for a new one; `done` is called once it
// is stored.
export function openNumber(number, done) {
  const isNew = number === null;
  const was = number ?? {number: '', name: '', destination: '', private: false, contact: ''};
  const dialog = new Dialog(isNew ? 'Add number' : `Edit ${was.number}`);
  const digits = new Field('Number', textInput({
    value: was.number, inputmode: 'numeric', maxlength: '15', autofocus: isNew}),
    '1 to 15 digits, as it is dialled. 007 is not 7.');
  const name = new Field('Name', textInput({
    value: was.name, maxlength: '64', autofocus: !isNew,
    placeholder: 'Internal Number …'}), 'What people call it, such as Reception.');
  const destination = new Field('Destination', textInput({
    value: was.destination, maxlength: '255', placeholder: 'sip:reception@10.0.0.5'}),
    'Where your PBX puts the call through: an extension or a SIP URI. Without one, ' +
    'linked accounts cannot call it.');
  const isPrivate = switchInput(was.private, 'Private');
  const privacy = h('div', {class: 'field switch-field'}, isPrivate,
      h('div', {}, h('span', {class: 'label', 'aria-hidden': 'true'}, 'Private'),
        h('p', {class: 'hint'}, 'Linked accounts cannot dial it, nor see that it is there.')));
  const contact = new Field('Contact', textInput({
    value: was.contact, maxlength: '255', placeholder: 'sip:{number}@pbx.example.net'}),
    'Where the PBXs of linked accounts send calls to this number, if not where the ' +
    'account’s contact says.');
  const more = h('details', {open: was.contact !== ''}, h('summary', {}, 'Contact of its own'),
                 contact.element);
  const form = new Form(dialog, isNew ? 'Add' : 'Save', async () => {
    const fields = {name: name.value, destination: destination.value.trim(),
                    private: switchedOn(isPrivate), contact: contact.value.trim()};
    if (isNew) {
      await call('NumberService/CreateNumber',
                 {number: {number: digits.value.trim(), ...fields}});
      notify(`${digits.value.trim()} is added.`);
    } else {
      await call('NumberService/UpdateNumber', {
        number: {number: was.number, ...fields}, update_mask: Object.keys(fields).join(',')});
      notify(`${was.number} is changed.`);
    }
    dialog.close();
    done();
  }, [...(isNew ? [digits] : []), name, destination, privacy, more], {
    NUMBER_INVALID: isNew ? digits : name, NUMBER_TAKEN: digits, NAME_INVALID: name,
    // The API has one reason for both, and names the one that it means.
    CONTACT_INVALID: (sentence) => (/destination/i.test(sentence) ? destination : contact),
  });
  dialog.show(form.element);
}
