// What can be set of a link besides its name; all of it is this account's own.

import {call} from './connect.js';
import {Dialog, Field, Form, textInput} from './dialog.js';
import {h} from './elements.js';
import {notify} from './shell.js';

export function openLinkSettings(row) {
  const dialog = new Dialog(`Settings of ${row.name}`);
  const prefix = new Field('Dial prefix', textInput({
    value: row.dial_prefix, inputmode: 'numeric', maxlength: '6', autofocus: true}),
    'Digits that lead to this account alone: with 8, dial 8201 for its 201. Empty for none.');
  const priority = new Field('Priority', textInput({
    value: String(row.priority), inputmode: 'numeric', maxlength: '4'}),
    'If several accounts have a number, the lowest priority is called. 0 to 1000; usually 100.');
  const address = new Field('Address', textInput({
    value: row.manual_address, placeholder: 'pbx.example.net:7443'}),
    'Where to look for the other daemon first. Usually empty: linked accounts tell ' +
    'each other when they move.');
  const form = new Form(dialog, 'Save', async () => {
    if (!/^\d{1,4}$/.test(priority.value.trim())) {
      priority.refuse('A whole number from 0 to 1000.');
      return;
    }
    await call('InterlinkService/UpdateInterlink', {
      interlink: {id: row.id, dial_prefix: prefix.value.trim(),
                  priority: Number(priority.value), manual_address: address.value.trim()},
      update_mask: 'dial_prefix,priority,manual_address',
    });
    notify(`The settings of ${row.name} are saved.`);
    dialog.close();
  }, [prefix, priority, address], {NAME_TAKEN: prefix});
  dialog.show(form.element, h('dl', {class: 'facts small'},
      ...fact('Account', row.peer_account_name), ...fact('Account id', row.peer_account_id),
      ...fact('Linked from', row.linked_from)));
}

function fact(term, text) {
  return text ? [h('dt', {}, term), h('dd', {}, text)] : [];
}
